# What every target of this project shares.

option(INKFIELD_WARNINGS_AS_ERRORS "Treat warnings as errors" OFF)
set(INKFIELD_SANITIZE "" CACHE STRING "Sanitizers for every target, as the compiler names them: address,undefined or thread")

add_library(inkfield_options INTERFACE)
target_include_directories(inkfield_options INTERFACE ${CMAKE_SOURCE_DIR})
# -ffp-contract=off: the same source gives the same bits on every processor; kernels say so where they fuse.
# -Wno-restrict: GCC 12 sees overlaps in std::string's operator+ that are not there (its bug 105651).
target_compile_options(inkfield_options INTERFACE
  -Wall -Wextra -Wpedantic $<$<COMPILE_LANGUAGE:CXX>:-Wconversion -Wshadow> -ffp-contract=off
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-restrict>
  $<$<BOOL:${INKFIELD_WARNINGS_AS_ERRORS}>:-Werror>)
if(INKFIELD_SANITIZE)
  target_compile_options(inkfield_options INTERFACE -fsanitize=${INKFIELD_SANITIZE} -fno-omit-frame-pointer -g1)
  target_link_options(inkfield_options INTERFACE -fsanitize=${INKFIELD_SANITIZE})
  # Checks that take a quarter of the compile time: a null pointer ends the program with its place as it is, and the address sanitizer
  # knows objects' sizes better.
  # Clang's check of called functions' types needs a C++ runtime, which a host in C has not.
  target_compile_options(inkfield_options INTERFACE -fno-sanitize=null,vptr,object-size $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  # GCC says by a macro which sanitizer is at work; under Clang we do.
  string(REPLACE "," ";" sanitizers "${INKFIELD_SANITIZE}")
  foreach(sanitizer address thread)
    if(sanitizer IN_LIST sanitizers)
      string(TOUPPER "__SANITIZE_${sanitizer}__" macro)
      target_compile_definitions(inkfield_options INTERFACE $<$<CXX_COMPILER_ID:Clang>:${macro}>)
    endif()
  endforeach()
endif()

# In a folder whose code waits more than it computes: under a sanitizer the optimiser takes longer than it saves.
macro(inkfield_unoptimised_under_sanitizers)
  if(INKFIELD_SANITIZE)
    add_compile_options(-O0)
  endif()
endmacro()

# inkfield_room(NAME): a static library that is one room of the plugin; sources come by target_sources.
function(inkfield_room name)
  add_library(${name} STATIC)
  target_link_libraries(${name} PRIVATE inkfield_options)
endfunction()
