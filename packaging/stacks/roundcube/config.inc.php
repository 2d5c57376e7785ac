<?php
// Roundcube for mailserv and Dovecot. Roundcube creates the database at its first use.
$config = [];
$config['db_dsnw'] = 'sqlite:////var/lib/roundcube-data/roundcube.db?mode=0640';
$config['imap_host'] = 'ssl://dovecot:993';
$config['smtp_host'] = 'tls://mailserv:587';
// Users log in to both servers with the same address and password.
$config['smtp_user'] = '%u';
$config['smtp_pass'] = '%p';
// The servers are on the network of this stack, under names that their certificates do not contain.
$internal = ['ssl' => ['verify_peer' => false, 'verify_peer_name' => false]];
$config['imap_conn_options'] = $internal;
$config['smtp_conn_options'] = $internal;
$config['des_key'] = getenv('DES_KEY');
$config['skin'] = 'elastic';
$config['enable_spellcheck'] = false;
$config['product_name'] = 'Webmail';
$config['drafts_mbox'] = 'Drafts';
$config['junk_mbox'] = 'Junk';
$config['sent_mbox'] = 'Sent';
$config['trash_mbox'] = 'Trash';
$config['log_driver'] = 'stdout';
$config['temp_dir'] = '/tmp';
