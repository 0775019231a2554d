inkfield_test(inkfield_recognizer_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_automaton_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_byte_buffer_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_byte_weights_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_ctc_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_e13b_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_engine_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_foreign_networks.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_foreign_networks_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_hostile_model_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_inspection_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_line_borders_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_line_evidence_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_model_bytes_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_naive_loops.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_number_reader_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_onnx_builder.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_paths_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_tile_registers.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_random_networks.cpp
    ${CMAKE_CURRENT_LIST_DIR}/recognizer_winograd_test.cpp
  LIBS inkfield_recognizer)

# The same network file in another engine, where that engine is installed. Debian's libopencv-dnn-dev alone brings
# no CMake package, so its parts are looked for by name.
find_path(INKFIELD_OPENCV_INCLUDE_DIR opencv2/dnn.hpp PATH_SUFFIXES opencv4)
find_library(INKFIELD_OPENCV_CORE_LIBRARY opencv_core)
find_library(INKFIELD_OPENCV_DNN_LIBRARY opencv_dnn)
if(INKFIELD_OPENCV_INCLUDE_DIR AND INKFIELD_OPENCV_CORE_LIBRARY AND INKFIELD_OPENCV_DNN_LIBRARY)
  inkfield_test(inkfield_opencv_test LABEL unit
    SOURCES
      ${CMAKE_CURRENT_LIST_DIR}/recognizer_foreign_networks.cpp
      ${CMAKE_CURRENT_LIST_DIR}/recognizer_onnx_builder.cpp
      ${CMAKE_CURRENT_LIST_DIR}/recognizer_opencv_test.cpp
      ${CMAKE_SOURCE_DIR}/tests/float_weights.cpp
    LIBS inkfield_recognizer ${INKFIELD_OPENCV_DNN_LIBRARY} ${INKFIELD_OPENCV_CORE_LIBRARY})
  # As a system folder: its headers do not stand our warnings.
  target_include_directories(inkfield_opencv_test SYSTEM PRIVATE ${INKFIELD_OPENCV_INCLUDE_DIR})
  target_compile_definitions(inkfield_opencv_test PRIVATE INKFIELD_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
else()
  message(STATUS "OpenCV's dnn module (libopencv-dnn-dev) is not installed: networks are not compared with it")
endif()
