"""``python -m confere``."""

from confere.cli import main

if __name__ == "__main__":
    main()
