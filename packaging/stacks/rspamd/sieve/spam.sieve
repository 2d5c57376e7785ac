require ["vnd.dovecot.pipe", "copy", "imapsieve"];
pipe :copy "learn" ["learn_spam"];
