"""What a form about a subject begins with: the register's values, each with the day it was confirmed."""
