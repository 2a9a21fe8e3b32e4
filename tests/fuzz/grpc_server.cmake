# SPDX-License-Identifier: GPL-3.0-or-later
capakit_fuzz(grpc_server grpc proto_messages)
