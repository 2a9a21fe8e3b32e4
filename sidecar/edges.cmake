# SPDX-License-Identifier: GPL-3.0-or-later
# How a sidecar is confined, who gets in at the edge, and what gets out through egress.
add_library(sidecar_confine STATIC confine.c)
target_link_libraries(sidecar_confine PUBLIC base confine)

add_library(sidecar_edges STATIC admission.c edge_map.c edge_peer.c)
target_link_libraries(sidecar_edges PUBLIC base)

add_library(sidecar_egress STATIC egress.c egress_connection.c egress_reach.c egress_refusal.c egress_request.c egress_tally.c egress_tunnel.c egress_dial.c
	egress_resolve.c egress_hosts.c egress_policy.c egress_address.c egress_upstream.c egress_upstream_dial.c)
target_link_libraries(sidecar_egress PUBLIC base proto_messages sidecar_http PRIVATE dep::cares)
