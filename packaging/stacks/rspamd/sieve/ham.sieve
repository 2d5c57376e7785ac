require ["vnd.dovecot.pipe", "copy", "imapsieve", "environment", "variables"];
# A message that moves from Junk to Trash is not good mail.
if environment :matches "imap.mailbox" "*" {
  set "mailbox" "${1}";
}
if string "${mailbox}" "Trash" {
  stop;
}
pipe :copy "learn" ["learn_ham"];
