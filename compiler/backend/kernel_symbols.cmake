# Writes one KERNEL_SYMBOL(name) line per kernel that LIBRARY defines: cmake -DNM= -DLIBRARY= -DOUTPUT= -P this.
execute_process(COMMAND ${NM} --defined-only --extern-only ${LIBRARY}
                OUTPUT_VARIABLE listing RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "cannot list the symbols of ${LIBRARY}")
endif()
string(REGEX MATCHALL " T streamc_(fn|agg)_[A-Za-z0-9_]+" lines "${listing}")
list(TRANSFORM lines REPLACE " T ([A-Za-z0-9_]+)" "KERNEL_SYMBOL(\\1)\n")
list(SORT lines)
list(REMOVE_DUPLICATES lines)
string(JOIN "" text ${lines})
file(WRITE ${OUTPUT} "${text}")
