"""The one inbox of an account, over all subjects that tell it something."""
