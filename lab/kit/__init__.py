"""What to paste into the real consoles (Okta, the UEM, Entra), made from one configuration; and the check of what
stands there already.

Every value says where it comes from and how sure that is: nothing here is guessed without saying so.
"""
