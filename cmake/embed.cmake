# SPDX-License-Identifier: GPL-3.0-or-later
# quietus_embed(TARGET NAME FILES...): puts files into the program, byte for byte, as a table
# `quietus::NAME()` of (file name, content). The header is "embedded/NAME.h".
function(quietus_embed target name)
  set(out ${CMAKE_BINARY_DIR}/generated/embedded)
  file(WRITE ${out}/${name}.h.new
"// Generated from the source tree; do not edit.
#pragma once
#include <span>
#include <string_view>
namespace quietus {
struct EmbeddedFile {
  std::string_view name;
  std::string_view content;
};
[[nodiscard]] std::span<const EmbeddedFile> ${name}();
}  // namespace quietus
")
  set(arrays "")
  set(rows "")
  set(count 0)
  foreach(source ${ARGN})
    get_filename_component(path ${source} ABSOLUTE)
    get_filename_component(file_name ${source} NAME)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
    file(READ ${path} bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
    string(APPEND arrays "constexpr char k${count}[] = {${bytes}'\\0'};\n")
    string(APPEND rows "    {\"${file_name}\", {k${count}, sizeof(k${count}) - 1}},\n")
    math(EXPR count "${count} + 1")
  endforeach()
  file(WRITE ${out}/${name}.cpp.new
"// Generated from the source tree; do not edit.
#include \"embedded/${name}.h\"
namespace quietus {
namespace {
${arrays}constexpr EmbeddedFile kFiles[] = {
${rows}};
}  // namespace
std::span<const EmbeddedFile> ${name}() { return kFiles; }
}  // namespace quietus
")
  foreach(extension h cpp)
    configure_file(${out}/${name}.${extension}.new ${out}/${name}.${extension} COPYONLY)
  endforeach()
  target_sources(${target} PRIVATE ${out}/${name}.cpp)
  target_include_directories(${target} PRIVATE ${CMAKE_BINARY_DIR}/generated)
endfunction()
