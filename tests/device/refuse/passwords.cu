// both 2:10 /etc/passwd
#include "/etc/passwd"
