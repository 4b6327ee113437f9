"""Teams of people, what they are told, and the places that they are told at."""
