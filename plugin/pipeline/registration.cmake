# Page registration and form choice.
target_sources(inkfield_pipeline PRIVATE
  form_registration.cpp
  page_evidence.cpp
  registration_differences.cpp
  registration_fitting.cpp
  registration_index.cpp
  registration_lines.cpp
  registration_local.cpp
  registration_observation.cpp
  registration_reference.cpp
  registration_search.cpp
  registration_sheet.cpp
  registration_skew.cpp
  registration_view.cpp)
