"""A form as one reader: one walk, and a closer look only at what is not plain."""
