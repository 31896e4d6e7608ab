/* What a person can do about a definition that a server refuses. */
#ifndef MI_TRIAL_MEND_H
#define MI_TRIAL_MEND_H

/* By the server's error number; 0: none. Never NULL. */
const char *mi_trial_mend(unsigned number);

#endif
