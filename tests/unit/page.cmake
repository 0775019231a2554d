inkfield_test(inkfield_page_test LABEL unit
  SOURCES
    ${CMAKE_CURRENT_LIST_DIR}/page_result_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/page_transform_test.cpp
  LIBS inkfield_page)
