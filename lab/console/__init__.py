"""The console of a running world: a page on loopback that shows what every party does, and lets people do things.

What it shows of logins and lists is the record's (`lab.record`); what it does are the steps of scenarios
(`lab.runner.steps`), done by the world's operations. The page is plain HTML, CSS and JavaScript beside this module.
"""
