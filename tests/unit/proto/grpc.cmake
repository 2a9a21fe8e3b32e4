# SPDX-License-Identifier: GPL-3.0-or-later
capakit_unit_test(proto/grpc_frame grpc proto_messages)
capakit_unit_test(proto/grpc_client grpc proto_messages)
capakit_unit_test(proto/grpc_server grpc proto_messages dep::nghttp2)
target_sources(test_proto_grpc_server PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit/proto/grpc_peer.c)
