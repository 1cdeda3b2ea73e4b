"""Feast's own gRPC feature server over a repository, on a free port, which is printed.

As `feast listen` runs it, but without the health service, for which Feast wants a package of its own.
"""
import sys
from concurrent import futures

import grpc
from feast import FeatureStore
from feast.infra.contrib.grpc_server import GrpcFeatureServer, add_GrpcFeatureServerServicer_to_server

server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
add_GrpcFeatureServerServicer_to_server(GrpcFeatureServer(FeatureStore(repo_path=sys.argv[1])), server)
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
server.wait_for_termination()
