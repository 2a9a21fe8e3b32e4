# SPDX-License-Identifier: GPL-3.0-or-later
# Files built into a program. In a CMakeLists.txt, capakit_embed(SYMBOL FOLDER OUT) makes the C source OUT, in
# which `const struct embedded_file SYMBOL[]` (base/embedded.h) has all files below FOLDER, ordered by name.
# Run as a script it writes that source.
if(NOT CMAKE_SCRIPT_MODE_FILE)
	set(CAPAKIT_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
	function(capakit_embed symbol folder out)
		file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR}/${folder}
			${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*)
		list(TRANSFORM files PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/ OUTPUT_VARIABLE sources)
		add_custom_command(OUTPUT ${out}
			COMMAND ${CMAKE_COMMAND} -DSYMBOL=${symbol} "-DFILES=${files}" -DOUT=${out}
				-DFOLDER=${CMAKE_CURRENT_SOURCE_DIR}/${folder} -P ${CAPAKIT_EMBED_SCRIPT}
			DEPENDS ${sources} ${CAPAKIT_EMBED_SCRIPT}
			VERBATIM)
	endfunction()
	return()
endif()

list(SORT FILES)
set(arrays "")
set(table "")
set(index 0)
foreach(name ${FILES})
	file(READ ${FOLDER}/${name} bytes HEX)
	string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
	string(APPEND arrays "static const unsigned char file_${index}[] = {${bytes} 0};\n")
	string(APPEND table "\t{\"${name}\", (const char *)file_${index}, sizeof(file_${index}) - 1},\n")
	math(EXPR index "${index} + 1")
endforeach()
file(WRITE ${OUT} "#include \"base/embedded.h\"\n\n${arrays}
extern const struct embedded_file ${SYMBOL}[];
extern const size_t ${SYMBOL}_count;
const struct embedded_file ${SYMBOL}[] = {\n${table}};
const size_t ${SYMBOL}_count = ${index};\n")
