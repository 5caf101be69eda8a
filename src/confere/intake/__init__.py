"""From the recorder to the shelf: *seen → settled → copied → sealed → read back → noted → deleted*.

``transfer`` is the way of one file and the module to read first; ``offload`` takes what is on a
recorder once, ``watch`` again and again. ``recorder`` is the only door to a recorder and the only
place that deletes from one. ``port`` says what a shelf (the vault's place for sealed recordings)
must do; this stage never knows the vault and needs no secret.
"""
