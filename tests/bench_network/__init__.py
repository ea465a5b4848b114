"""What a call is like on a bad network, beside Janus on the same one."""
