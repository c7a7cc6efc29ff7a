"""The Entra side: named locations over Microsoft Graph v1.0, plain HTTP and raw JSON."""
