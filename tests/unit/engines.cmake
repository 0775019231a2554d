inkfield_test(inkfield_engines_test LABELS unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/engines_image_files_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/engines_printed_text_test.cpp
  LIBS inkfield_engine_tesseract inkfield_engine_leptonica inkfield_page)
