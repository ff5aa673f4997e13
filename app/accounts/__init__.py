"""Who somebody is and what they may do: accounts, roles, sign-ins, and the record of who did what."""
