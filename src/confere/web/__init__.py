"""The page: HTTP in front, a keeper process behind it for each person who is signed in.

``docs/web.md`` is the contract. The way of one request:

1. ``guard``     Is it for this server, from our own page, of a bearable size, with cookie and token?
2. ``front``     routes it: ``routes/`` validate what was given, ``pages`` render frames, ``static_files`` lie
                 under their digest.
3. ``sessions``  know whose request it is, and lock who does nothing any more.
4. ``keeper``    carries the question through a socket pair (``wire``) to the keeper's process,
5. ``keeper_main``  where the vault is open: ``answers/`` answer it, ``sound/`` decodes.
6. ``errors``    says which status a refusal has, in one table.

``serving`` opens the sockets, ``tls`` finds or makes certificates.
"""
