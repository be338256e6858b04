"""Questions that the finished road is asked: would it have known?"""
