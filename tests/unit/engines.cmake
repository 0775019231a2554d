inkfield_test(inkfield_engines_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/engines_image_files_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/engines_printed_text_test.cpp
  LIBS inkfield_engine_tesseract inkfield_engine_leptonica inkfield_page)
# The codes are drawn by ZXing's writer, so this needs it as the module does.
if(TARGET inkfield_barcode)
  inkfield_test(inkfield_barcode_test LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/engines_barcode_test.cpp
    LIBS inkfield_engine_zxing inkfield_page PkgConfig::ZXING)
  target_compile_definitions(inkfield_barcode_test PRIVATE INKFIELD_BARCODE_MODULE="$<TARGET_FILE:inkfield_barcode>")
  add_dependencies(inkfield_barcode_test inkfield_barcode)
endif()
