"""What every room of the window uses: colours, icons, words, settings. It knows no engine and no session."""
