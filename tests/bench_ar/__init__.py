"""The AR tracker beside OpenCV's on synthetic sequences whose truth is known."""
