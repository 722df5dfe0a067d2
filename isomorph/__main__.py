"""`python -m isomorph` is the `isomorph` command."""

from isomorph.command import main

if __name__ == "__main__":
    main()
