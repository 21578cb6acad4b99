"""A scriptable SMSC: a real SMPP 3.4 server whose telephones do what their numbers say."""
