"""commands (命令): the command line. Each file is one command; what it does, a room does."""
