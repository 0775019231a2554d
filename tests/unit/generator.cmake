# The sample generator: values, truth and degradations.
inkfield_test(generator_test LABEL unit
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/generator_item_sets_test.cpp ${CMAKE_CURRENT_LIST_DIR}/generator_pages_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/generator_damage_test.cpp
    ${CMAKE_CURRENT_LIST_DIR}/generator_values_test.cpp
  LIBS inkfield_generator)
target_compile_definitions(generator_test PRIVATE INKFIELD_SAMPLE_FORMS="${CMAKE_SOURCE_DIR}/examples/forms")
