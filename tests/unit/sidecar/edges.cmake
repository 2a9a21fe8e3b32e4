# SPDX-License-Identifier: GPL-3.0-or-later
capakit_unit_test(sidecar/confine sidecar_confine)
capakit_unit_test(sidecar/admission sidecar_edges)
capakit_unit_test(sidecar/edge_map sidecar_edges)
capakit_unit_test(sidecar/edge_peer sidecar_edges sidecar_confine)

add_executable(egress_driver ${PROJECT_SOURCE_DIR}/tests/lib/egress_driver.c)
target_link_libraries(egress_driver PRIVATE sidecar_egress sidecar_confine)

capakit_unit_test(sidecar/egress_policy sidecar_egress)
capakit_unit_test(sidecar/egress_hosts sidecar_egress)
capakit_unit_test(sidecar/outside_rules sidecar_http)
capakit_unit_test(sidecar/egress_refusal sidecar_egress)
capakit_unit_test(sidecar/egress_request sidecar_egress)
capakit_unit_test(sidecar/egress_upstream sidecar_egress)
capakit_unit_test(sidecar/egress sidecar_egress sidecar_confine)
target_sources(test_sidecar_egress PRIVATE ${PROJECT_SOURCE_DIR}/tests/lib/dns_stub.c)
