# SPDX-License-Identifier: GPL-3.0-or-later
# Warnings and hardening for every target (`CAPAKIT_WERROR` is on in CI).
option(CAPAKIT_WERROR "Treat warnings as errors" OFF)
option(CAPAKIT_SANITIZE "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(CAPAKIT_FUZZ "Build the fuzz targets with libFuzzer (needs clang)" OFF)

add_compile_definitions(_GNU_SOURCE)
add_compile_options(-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
	-Wformat=2 -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wimplicit-fallthrough
	-Wno-unused-parameter)
if(CAPAKIT_WERROR)
	add_compile_options(-Werror)
endif()

# -fPIE and not -fPIC: nothing here is for a shared library, and calls between our own functions can be direct.
add_compile_options(-fPIE -fno-plt -fstack-protector-strong -fstack-clash-protection -fno-common)
add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)
if(CAPAKIT_SANITIZE)
	add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
	add_link_options(-fsanitize=address,undefined)
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug") # it needs an optimising build
	add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()

# For programs that confine themselves: with sanitizers they bring their options.
function(capakit_confined target)
	if(CAPAKIT_SANITIZE)
		target_sources(${target} PRIVATE ${PROJECT_SOURCE_DIR}/base/sanitizers.c)
	endif()
endfunction()

# For what is executed as a workload's command: without sanitizers, whose shadow is more than its limit of memory
# allows. A program names what it uses of libraries that have them.
function(capakit_workload target)
	if(CAPAKIT_SANITIZE)
		list(TRANSFORM ARGN PREPEND ${PROJECT_SOURCE_DIR}/)
		target_sources(${target} PRIVATE ${ARGN})
		target_compile_options(${target} PRIVATE -fno-sanitize=all)
		target_link_options(${target} PRIVATE -fno-sanitize=all)
	endif()
endfunction()

if(CAPAKIT_FUZZ)
	if(NOT CMAKE_C_COMPILER_ID STREQUAL "Clang")
		message(FATAL_ERROR "CAPAKIT_FUZZ needs clang: apt-get install clang libclang-rt-14-dev, then configure with -DCMAKE_C_COMPILER=clang")
	endif()
	add_compile_options(-fsanitize=fuzzer-no-link)
endif()
