"""`python -m ringthrough` is the command `ringthrough`."""

from ringthrough.cli import main

if __name__ == "__main__":
    main()
