"""What happens in the process that runs submitted code: staged inputs, loops over methods, arrays on their way out."""
