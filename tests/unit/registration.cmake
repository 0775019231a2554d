inkfield_test(inkfield_registration_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/registration_camera_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/registration_choice_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/registration_drawn_pages.cpp
    ${CMAKE_CURRENT_LIST_DIR}/registration_find_form_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/registration_odd_pages_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/registration_reference_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/registration_sheet_test.cpp
  LIBS inkfield_pipeline inkfield_page)
# It draws scans pixel by pixel, most of the work of some of these tests.
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/registration_drawn_pages.cpp PROPERTIES COMPILE_OPTIONS -O2)
