require ["fileinto", "mailbox"];
# mailserv and rspamd mark suspicious mail.
if anyof (header :is "X-Spam-Flag" "YES", header :is "X-Spam" "Yes") {
  fileinto :create "Junk";
}
