"""What both emulated identity providers need for OpenID Connect: signing, PKCE, passwords, tickets."""
