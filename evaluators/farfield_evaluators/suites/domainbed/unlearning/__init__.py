"""Approximate domain unlearning: to recognise no more what one recognises in some domains, and go on in the others."""
