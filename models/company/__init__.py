"""What a company sets up: policies, mailbox, switch, the panel of set-up."""
