# SPDX-License-Identifier: GPL-3.0-or-later
capakit_unit_test(sidecar/confine sidecar_confine)
target_compile_definitions(test_sidecar_confine PRIVATE DOCS="${PROJECT_SOURCE_DIR}/docs")
capakit_unit_test(sidecar/admission sidecar_edges)
capakit_unit_test(sidecar/edge_map sidecar_edges)
capakit_unit_test(sidecar/edge_peer sidecar_edges sidecar_confine)
