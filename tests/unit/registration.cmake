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
# It draws some ninety scans pixel by pixel, which would take most of these tests' time.
set(drawn_pages_options -O2)
if(INKFIELD_SANITIZE)
  list(APPEND drawn_pages_options -fno-sanitize=address)
endif()
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/registration_drawn_pages.cpp PROPERTIES COMPILE_OPTIONS "${drawn_pages_options}")
