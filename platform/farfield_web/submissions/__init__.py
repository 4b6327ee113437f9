"""What a person enters, and the methods that can be entered."""
