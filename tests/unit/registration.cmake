inkfield_test(inkfield_registration_test LABEL unit SHARDS 4
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/registration_camera_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/registration_choice_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/registration_drawn_pages.cpp
    ${CMAKE_CURRENT_LIST_DIR}/registration_find_form_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/registration_odd_pages_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/registration_reduction_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/registration_reference_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/registration_sheet_test.cpp
  LIBS inkfield_pipeline inkfield_page)
# Whole pages, pixel by pixel: worth the optimiser's time, in the drawing of scans above all.
target_compile_options(inkfield_registration_test PRIVATE -O1)
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/registration_drawn_pages.cpp PROPERTIES COMPILE_OPTIONS -O2)
