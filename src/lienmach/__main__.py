"""`python -m lienmach`: the same as the command `lienmach`."""

from lienmach.config.cli import main

if __name__ == "__main__":
    main()
